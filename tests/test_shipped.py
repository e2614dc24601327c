"""Rubrics and the list of models are found in a checkout and in an installed wheel alike."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from callscore.catalogue import load_catalogue
from callscore.shipped import checkout_dir, shipped_dir


def test_a_checkout_uses_its_own_folders(repository: Path) -> None:
    """An edit in the checkout takes effect at once."""
    assert checkout_dir() == repository
    assert shipped_dir("models") == repository / "models"
    assert shipped_dir("rubrics") == repository / "rubrics"


@pytest.mark.slow
def test_a_wheel_carries_rubrics_and_the_list_of_models_but_no_weights(repository: Path, tmp_path: Path) -> None:
    """What `pip install` puts on a machine finds both folders inside the package."""
    source, wheels, installed = tmp_path / "source", tmp_path / "wheels", tmp_path / "installed"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(repository / name, source / name)
    for name in ("callscore", "rubrics", "models"):
        ignored = shutil.ignore_patterns("__pycache__", "*.bin", "*.pt", ".*")
        shutil.copytree(repository / name, source / name, symlinks=True, ignore=ignored)
    (source / "models" / "tiny").mkdir()
    (source / "models" / "tiny" / "model.bin").write_bytes(b"weights")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--wheel-dir", str(wheels)]
    subprocess.run([*build, str(source)], check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".bin")]
        archive.extractall(installed)
    code = (
        "from callscore.shipped import checkout_dir, shipped_dir\n"
        "from callscore.catalogue import load_catalogue\n"
        "print(checkout_dir(), shipped_dir('rubrics'), (shipped_dir('rubrics') / 'README.md').exists())\n"
        "print(len(load_catalogue().models))\n"
    )
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(installed)!r})\n{code}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.stdout.splitlines() == [
        f"None {installed / 'callscore' / 'shipped' / 'rubrics'} True",
        str(len(load_catalogue().models)),
    ]
