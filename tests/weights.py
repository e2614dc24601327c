"""A small made-up model for tests: its bytes, its models.toml and wheels that carry it."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from pathlib import Path

from callscore.catalogue import Catalogue, load_catalogue

FILES = {"config.json": b'{"tiny": true}', "model.bin": random.Random(3).randbytes(300_000)}
WEIGHTS_SHA256 = hashlib.sha256(FILES["model.bin"]).hexdigest()


def sha256(body: bytes) -> str:
    """Return the sha256 of `body` in hex."""
    return hashlib.sha256(body).hexdigest()


def model_toml(name: str, *sources: str) -> str:
    """Return a models.toml section for FILES with the sources given as TOML."""
    files = "\n".join(
        f'  {{ name = "{file}", size_bytes = {len(body)}, sha256 = "{sha256(body)}" }},' for file, body in FILES.items()
    )
    head = f'[models.{name}]\ntitle = "Tiny"\ntask = "transcribe"\nlicence = "MIT"\nweights = "model.bin"\n'
    return "\n".join([head + f"files = [\n{files}\n]", *(f"[[models.{name}.sources]]\n{source}" for source in sources)])


def hub(endpoint: str = "", name: str = "tiny") -> str:
    """Return a hub source; an empty endpoint is the hub that HF_ENDPOINT names."""
    extra = f'endpoint = "{endpoint}"\n' if endpoint else ""
    return f'kind = "hub"\nrepo = "maker/{name}"\nrevision = "abc"\n{extra}'


def index(name: str = "tiny") -> str:
    """Return an index source: two wheels, model.bin in two parts, config.json in the first."""
    wheels = f"models.{name}.sources.wheels"
    return (
        'kind = "index"\n'
        f'[[{wheels}]]\npackage = "tiny-part1"\nversion = "1.0"\nfile = "tiny_part1-1.0-py3-none-any.whl"\n'
        f'[{wheels}.members]\n"config.json" = "tiny_part1/config.json"\n"model.bin" = "tiny_part1/model.bin.part1"\n'
        f'[[{wheels}]]\npackage = "tiny-part2"\nversion = "1.0"\nfile = "tiny_part2-1.0-py3-none-any.whl"\n'
        f'[{wheels}.members]\n"model.bin" = "tiny_part2/model.bin.part2"\n'
    )


def catalogue(folder: Path, *models: str) -> Catalogue:
    """Write models.toml with these sections into `folder` and read it."""
    path = folder / "models.toml"
    path.write_text("version = 1\n" + "\n".join(models), encoding="utf-8")
    return load_catalogue(path)


def hub_files(name: str = "tiny") -> dict[str, bytes]:
    """Return what a hub serves for the model: path to bytes."""
    return {f"/maker/{name}/resolve/abc/{file}": body for file, body in FILES.items()}


def wheel(package: str, members: dict[str, bytes]) -> bytes:
    """Return a valid wheel of version 1.0 with these members."""
    module = package.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    texts = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
    }
    texts[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in (*members, *texts, f"{info}/RECORD")).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in (members | texts).items():
            archive.writestr(name, body)
    return buffer.getvalue()


def wheels() -> dict[str, bytes]:
    """Return both wheels that `index` names: file name to bytes."""
    weights = FILES["model.bin"]
    first = {"tiny_part1/config.json": FILES["config.json"], "tiny_part1/model.bin.part1": weights[:100_000]}
    return {
        "tiny_part1-1.0-py3-none-any.whl": wheel("tiny-part1", first),
        "tiny_part2-1.0-py3-none-any.whl": wheel("tiny-part2", {"tiny_part2/model.bin.part2": weights[100_000:]}),
    }


def simple_index(files: dict[str, bytes], *, as_json: bool = False) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return what a package index serves for these wheels, in either of its two forms, and the types of its pages."""
    site: dict[str, bytes] = {}
    for name, body in files.items():
        package = name.split("-")[0].replace("_", "-")
        site[f"/files/{name}"] = body
        link = f'<a href="../../files/{name}#sha256={sha256(body)}">{name}</a>'
        table = {"filename": name, "url": f"../../files/{name}", "hashes": {"sha256": sha256(body)}}
        page = json.dumps({"meta": {"api-version": "1.0"}, "files": [table]}) if as_json else f"<!DOCTYPE html>{link}"
        site[f"/simple/{package}/"] = page.encode()
    kind = "application/vnd.pypi.simple.v1+json" if as_json else "text/html"
    return site, {path: kind for path in site if path.startswith("/simple/")}
