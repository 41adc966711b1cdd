"""Every setting of the app, read from the environment as `CARELENS_*`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder."""

DEFAULT_SECRET = "change-me"  # noqa: S105 - the value that is refused outside the demo


class Settings(BaseSettings):
    """Settings with their defaults. The README lists every one; a test fails when one is missing there."""

    model_config = SettingsConfigDict(env_prefix="CARELENS_", extra="ignore")

    demo: bool = Field(False, description="Run the demo clinic: made-up people, one-click sign-in, a banner.")
    home: Path = Field(ROOT / "var", description="Folder of the embedded database and the photos.")
    database_url: str = Field("", description="Database address; empty: SQLite in the home folder.")
    photo_store: str = Field("", description="Folder of photos and masks; empty: `photos` in the home folder.")
    secret_key: SecretStr = Field(
        SecretStr(DEFAULT_SECRET),
        description="At least 32 characters; keys the hashes of session tokens. The default is refused outside the demo.",
    )
    models: Path = Field(ROOT / "models", description="Folder of the networks' cards and weights.")
    session_days: int = Field(30, ge=1, le=365, description="Days a sign-in lasts.")
    max_upload_mb: int = Field(25, ge=1, le=200, description="Largest photo file, in MB.")
    max_megapixels: int = Field(64, ge=1, le=400, description="Largest photo, in millions of pixels, checked before decoding.")
    threads: int = Field(0, ge=0, le=256, description="Processor threads for the networks; 0: as many as there are cores.")
    stun_url: str = Field("", description="STUN server for the guided camera; empty: none is asked (same machine or network).")

    @model_validator(mode="after")
    def _fill(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite:///{self.home / 'carelens.db'}"
        if not self.photo_store:
            self.photo_store = str(self.home / "photos")
        return self

    def refuse_default_secret(self) -> None:
        """Raise ValueError when the app would run for real people with a secret everyone knows."""
        secret = self.secret_key.get_secret_value()
        if not self.demo and (secret == DEFAULT_SECRET or len(secret) < 32):
            raise ValueError(
                "CARELENS_SECRET_KEY is not set, or shorter than 32 characters. "
                'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )


@cache
def settings() -> Settings:
    """The settings of this process. Tests call `settings.cache_clear()` after changing the environment."""
    return Settings()
