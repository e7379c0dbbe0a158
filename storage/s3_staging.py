"""A file on its way into a bucket: to a scratch file here while its SHA-256 is taken, for the key is the digest."""

from evidence.errors import IntegrityError, ObjectConflictError
from evidence.ports import SealedObject
from storage.layout import original_path
from storage.s3_cache import OriginalsCache
from storage.s3_sealed import SealedObjects
from storage.s3_upload import FileParcel
from storage.scratch import Scratch
from storage.staging import Passing, Spool


class S3Staging(Spool):
    """Implements `evidence.ports.Staging` on a bucket; made by `storage.s3_vault.S3Vault.stage`.

    Args:
        scratch: where the bytes lie until they are sealed.
        sealed: creates the original.
        cache: where this machine keeps a copy for the tools that come next.
        reached: told ``before-upload`` and ``after-upload``.
    """

    def __init__(self, scratch: Scratch, sealed: SealedObjects, cache: OriginalsCache, reached: Passing) -> None:
        super().__init__(scratch)
        self._sealed_objects = sealed
        self._cache = cache
        self._reached = reached

    def _sealed_now(self) -> SealedObject:
        digest = self._digest.digest()
        parcel = FileParcel(self._descriptor, digest, self._written_bytes)
        self._reached("before-upload")
        try:
            created = self._sealed_objects.create(original_path(digest), parcel)
        except ObjectConflictError as error:
            raise IntegrityError(
                "the vault holds other bytes under this digest",
                subject=digest,
                cure="leave the source where it is, run `evidock verify --deep`, and restore the original from backup",
            ) from error
        self._reached("after-upload")
        self._cache.adopt(self._descriptor, self._path, digest, self._written_bytes)
        return SealedObject(digest, self._written_bytes, already_there=not created)
