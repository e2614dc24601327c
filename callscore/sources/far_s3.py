"""S3 and what speaks like it: Yandex Object Storage, VK Cloud, Selectel, MinIO. Only this module knows s3fs."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

from callscore.errors import ConfigError, RecordingError, SourceAuthError, SourceError
from callscore.http_answers import PASSING_STATUS, parse_http_date, retry_after_s
from callscore.outside.pages import Patience
from callscore.outside.patience import TryLaterError, ask_patiently
from callscore.outside.secret import Secret
from callscore.sources.far_files import FarFile
from callscore.tls import ca_bundle

__all__ = ["S3Files", "S3Place"]

# Their debug lines hold whole requests, signatures and names of recordings.
for _name in ("botocore", "aiobotocore", "s3fs", "fsspec", "aiohttp"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_PASSING_CODES: Final = ("SlowDown", "InternalError", "RequestTimeout", "ServiceUnavailable", "Throttling", "TooManyRequests")
_COLD_CODES: Final = ("InvalidObjectState",)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Place:
    """A bucket and how to reach it. Empty texts leave it to the usual AWS variables and files."""

    bucket: str
    endpoint: str = ""
    region: str = ""
    style: str = "auto"
    profile: str = ""
    keys: tuple[Secret, Secret] | None = None


class S3Files:
    """The files of a bucket; see FarFiles."""

    def __init__(self, place: S3Place, patience: Patience) -> None:
        self._place = place
        self._patience = patience
        self._system: Any = None
        self.clock_skew_s: float | None = None

    @property
    def host(self) -> str:
        """See FarFiles.host."""
        return urlsplit(self._place.endpoint).hostname or "s3.amazonaws.com"

    def iter_files(self, folder: str) -> Iterator[FarFile]:
        """See FarFiles.iter_files; pages of up to 1000, each asked for when the one before has been used."""
        wanted = {"Bucket": self._place.bucket, "Prefix": folder}
        token, before = "", frozenset[str]()
        while True:
            page = self._call("list_objects_v2", **wanted, **({"ContinuationToken": token} if token else {}))
            rows = page.get("Contents") or ()
            yield from (_file(row) for row in rows if row["Key"] not in before and not row["Key"].endswith("/"))
            if not page["IsTruncated"]:
                return
            following = str(page.get("NextContinuationToken") or "")
            if following in ("", token):
                raise SourceError("the list of files does not go on where it says it does", where=self.host)
            token, before = following, frozenset(row["Key"] for row in rows)

    def stat(self, key: str) -> FarFile | None:
        """See FarFiles.stat."""
        try:
            head = self._call("head_object", Bucket=self._place.bucket, Key=key)
        except FileNotFoundError:
            return None
        if "LastModified" not in head:
            raise RecordingError("the store gave something else instead of a recording, such as an error page")
        return _file({**head, "Key": key, "Size": head["ContentLength"]})

    def read(self, key: str, start: int, end: int) -> bytes:
        """See FarFiles.read."""
        path = f"{self._place.bucket}/{key}"
        try:
            return bytes(self._patiently("reading a file", lambda: self._fs().cat_file(path, start=start, end=end)))
        except FileNotFoundError:
            raise RecordingError("the recording is no longer there") from None

    def close(self) -> None:
        """See FarFiles.close."""
        if self._system is not None and self._system._s3 is not None:  # noqa: SLF001 - s3fs closes only at exit by itself
            self._system.close_session(self._system.loop, self._system._s3)  # noqa: SLF001
        self._system = None

    def _fs(self) -> Any:
        if self._system is not None:
            return self._system
        try:
            import s3fs  # type: ignore[import-untyped]
        except ImportError as exc:
            raise ConfigError("s3fs is not installed", hint="pip install 'callscore[s3]'") from exc
        place, timeout_s = self._place, self._patience.timeout_s
        options: dict[str, Any] = {"connect_timeout": min(timeout_s, 20.0), "read_timeout": timeout_s}
        # One place decides how often to try again, see ask_patiently.
        options["retries"] = {"total_max_attempts": 1}
        options["s3"] = {"addressing_style": place.style}
        # Stores other than Amazon's do not know the newer checksums.
        options |= {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
        key, secret = (place.keys[0].reveal(), place.keys[1].reveal()) if place.keys else (None, None)
        self._system = s3fs.S3FileSystem(
            key=key,
            secret=secret,
            endpoint_url=place.endpoint or None,
            client_kwargs={"verify": ca_bundle() or True, **({"region_name": place.region} if place.region else {})},
            config_kwargs=options,
            use_listings_cache=False,
            skip_instance_cache=True,
            **({"profile": place.profile} if place.profile else {}),
        )
        self._system.retries = 1
        return self._system

    def _call(self, method: str, **values: Any) -> dict[str, Any]:
        def ask() -> dict[str, Any]:
            answer: dict[str, Any] = self._fs().call_s3(method, **values)
            headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            self._note_clock(headers.get("date", ""))
            # A web page is XML enough to be taken for an empty list.
            if method == "list_objects_v2" and not {"Name", "IsTruncated"} <= set(answer):
                raise TryLaterError("something else instead of a list")
            return answer

        what = "listing files" if method == "list_objects_v2" else "looking at a file"
        return cast("dict[str, Any]", self._patiently(what, ask))

    def _patiently(self, what: str, ask: Any) -> Any:
        def translated() -> Any:
            try:
                return ask()
            except (TryLaterError, ConfigError):
                raise
            except Exception as exc:  # botocore, aiohttp and s3fs raise many kinds
                raise self._translate(what, exc) from exc

        return ask_patiently(what, self.host, self._patience, translated)

    def _translate(self, what: str, error: Exception) -> Exception:
        response = _client_response(error)
        if response is None:
            return self._without_answer(error)
        meta, code = response.get("ResponseMetadata", {}), str(response.get("Error", {}).get("Code", ""))
        status = int(meta.get("HTTPStatusCode") or 0)
        if status in PASSING_STATUS or code in _PASSING_CODES:
            asked = str(meta.get("HTTPHeaders", {}).get("retry-after", ""))
            return TryLaterError(f"HTTP {status} {code}".strip(), retry_after_s(asked))
        if what == "listing files" or status == 401:
            return self._refused(status, code)
        if status == 404:
            return FileNotFoundError()
        if code in _COLD_CODES:
            return RecordingError("the recording lies in cold storage; restore it there first")
        return RecordingError(f"the store refuses the recording (HTTP {status}): the key needs the right to read objects")

    def _refused(self, status: int, code: str) -> Exception:
        if code == "RequestTimeTooSkewed":
            return SourceError("the clock of this machine is wrong", where=self.host, hint="set it by NTP")
        if status in (401, 403):
            hint = "check access_key, secret_key, region and bucket, and that the key may list it (s3:ListBucket)"
            return SourceAuthError(f"the sign-in was refused (HTTP {status})", where=self.host, hint=hint)
        if code == "NoSuchBucket" or status == 404:
            return SourceError("there is no such bucket", where=self.host, hint="check url, endpoint and style")
        return SourceError(f"the request was refused (HTTP {status})", where=self.host, hint="check endpoint and region")

    def _without_answer(self, error: Exception) -> Exception:
        from botocore import exceptions as boto  # type: ignore[import-untyped]

        if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError | boto.CredentialRetrievalError):
            hint = "set access_key and secret_key, or profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            return SourceAuthError("there are no keys to sign in with", where=self.host, hint=hint)
        if isinstance(error, boto.ProfileNotFound | boto.ParamValidationError | boto.InvalidRegionError | ValueError):
            return ConfigError(f"the settings of the bucket cannot be used: {type(error).__name__}", where=self.host)
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return TryLaterError("its certificate is not trusted; name the certificates to trust in SSL_CERT_FILE")
        return TryLaterError("time-out" if "Timeout" in type(error).__name__ else type(error).__name__)

    def _note_clock(self, said: str) -> None:
        at = parse_http_date(said)
        if at is not None:
            self.clock_skew_s = (at - datetime.now(UTC)).total_seconds()


def _file(row: Mapping[str, Any]) -> FarFile:
    at: datetime = row["LastModified"]
    return FarFile(key=str(row["Key"]), n_bytes=int(row["Size"]), changed_at=at.astimezone(UTC), mark=str(row.get("ETag", "")))


def _client_response(error: BaseException | None) -> Mapping[str, Any] | None:
    """Return the answer in which the store said no; s3fs hides it behind errors of the operating system."""
    while error is not None:
        response = getattr(error, "response", None)
        if isinstance(response, Mapping):
            return response
        error = error.__cause__
    return None
