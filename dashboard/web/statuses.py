"""Which HTTP status an error of ours is answered with."""

from collections.abc import Mapping
from http import HTTPStatus

from evidence.errors import (
    EvidockError,
    HomeBusyError,
    ImportRefusedError,
    LockedError,
    NotFoundError,
    ObjectConflictError,
    ScopeRefusedError,
    StorageFullError,
    TokenRefusedError,
    ToolMissingError,
    UsageError,
    WithheldError,
)

STATUS: Mapping[type[EvidockError], HTTPStatus] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    UsageError: HTTPStatus.BAD_REQUEST,
    TokenRefusedError: HTTPStatus.UNAUTHORIZED,
    ScopeRefusedError: HTTPStatus.FORBIDDEN,
    ImportRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ObjectConflictError: HTTPStatus.CONFLICT,
    HomeBusyError: HTTPStatus.CONFLICT,
    LockedError: HTTPStatus.CONFLICT,
    ToolMissingError: HTTPStatus.SERVICE_UNAVAILABLE,
    WithheldError: HTTPStatus.FORBIDDEN,
    StorageFullError: HTTPStatus.INSUFFICIENT_STORAGE,
}


def status_of(error: Exception) -> HTTPStatus:
    """Return the status of the nearest family of an error; 500 for one of none."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)
