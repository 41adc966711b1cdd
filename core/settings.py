"""Every setting of the app, read from the environment as `CARELENS_*`."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder."""

DEFAULT_SECRET = "change-me"  # noqa: S105 - the value that is refused outside the demo


class Settings(BaseSettings):
    """Settings with their defaults. The README lists every one; a test fails when one is missing there."""

    model_config = SettingsConfigDict(env_prefix="CARELENS_", extra="ignore")

    demo: bool = Field(False, description="Run the demo clinic: made-up people, one-click sign-in, a banner.")
    home: Path = Field(ROOT / "var", description="Folder of the embedded database and the photos.")
    database_url: str = Field(
        "", description="Database address, `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`; empty: SQLite in the home folder."
    )
    photo_store: str = Field(
        "", description="Folder of photos and masks, or an address such as `s3://bucket/prefix`; empty: `photos` in the home folder."
    )
    secret_key: SecretStr = Field(
        SecretStr(DEFAULT_SECRET),
        description="At least 32 characters; keys the hashes of session tokens. The default is refused outside the demo.",
    )
    models: Path = Field(ROOT / "models", description="Folder of the networks' cards and weights.")
    session_days: int = Field(30, ge=1, le=365, description="Days a sign-in lasts.")
    max_upload_mb: int = Field(25, ge=1, le=200, description="Largest photo file, in MB.")
    max_batch_mb: int = Field(1024, ge=1, le=16384, description="Most that may be dropped on the screening desk at once, in MB.")
    max_megapixels: int = Field(64, ge=1, le=400, description="Largest photo, in millions of pixels, checked before decoding.")
    api_per_minute: int = Field(
        120, ge=1, le=100_000, description="Requests a minute that one access token may make, a quarter of them at once."
    )
    engine: Literal["local", "ray"] = Field(
        "local", description="Who grades the screening desk's photos and runs the networks: `local`, this machine, or `ray` (see below)."
    )
    workers: int = Field(2, ge=1, le=64, description="How many photos of the screening desk are graded at the same time.")
    threads: int = Field(0, ge=0, le=256, description="Processor threads for the networks; 0: as many as there are cores.")
    smtp_url: SecretStr = Field(
        SecretStr(""), description="Mail server, `smtp://name:password@host:587` or `smtps://…:465`; empty: no mail is sent."
    )
    mail_from: str = Field("", description="Address that mail comes from; needed with a mail server.")
    base_url: str = Field(
        "", description="Address of this site for links in mail, such as `https://carelens.example.org`; needed with a mail server."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of the web servers before this one, with commas; only they may say where a visitor comes from.",
    )
    lan_url: str = Field("", description="Address in the local network that Home shows as a picture for phones; `make run-lan` sets it.")
    stun_url: str = Field("", description="STUN server for the guided camera and calls; empty: none is asked (same machine or network).")
    turn_url: str = Field(
        "", description="TURN servers for both, with commas, such as `turn:turn.example.org:3478`; empty: in one network only."
    )
    turn_secret: SecretStr = Field(
        SecretStr(""), description="The secret that the TURN server shares with this one (coturn: `static-auth-secret`); needed with it."
    )
    relay_only: bool = Field(
        False,
        description="Calls go by the relay only, never straight: neither side learns the other's network address. Needs a TURN server.",
    )
    weather: bool = Field(True, description="Ask the weather services below; off: none is asked, and weather comes from loaded CSV files only.")
    geocoding_url: str = Field("https://geocoding-api.open-meteo.com", description="Service that finds a town; empty: none is asked.")
    archive_url: str = Field("https://archive-api.open-meteo.com", description="Service of the weather of past days; empty: none is asked.")
    forecast_url: str = Field("https://api.open-meteo.com", description="Service of the weather of the last and next days; empty: none is asked.")
    air_quality_url: str = Field(
        "https://air-quality-api.open-meteo.com", description="Service of UV, particulates and pollen; empty: none is asked."
    )

    @field_validator("geocoding_url", "archive_url", "forecast_url", "air_quality_url")
    @classmethod
    def _service(cls, given: str) -> str:
        url = urlsplit(given)  # ValueError for half an IPv6 address
        plain = url.scheme in ("http", "https") and url.hostname and url.port != 0 and not (url.username or url.query or url.fragment)
        if given and not plain:
            raise ValueError("the address of a weather service begins with http:// or https:// and has neither a name, a ? nor a # in it")
        return given.rstrip("/")

    @model_validator(mode="after")
    def _mail(self) -> Self:
        self.base_url = self.base_url.rstrip("/")
        try:
            url, base = urlsplit(self.smtp_url.get_secret_value()), urlsplit(self.base_url)
            good = url.scheme in ("", "smtp", "smtps") and (not url.scheme or (url.hostname and url.port != 0))
            good = good and bool(self.base_url) == (base.scheme in ("http", "https") and bool(base.hostname))
        except ValueError:  # a port that is no number
            good = False
        if not good or (self.smtp_url.get_secret_value() and not url.scheme):
            raise ValueError("CARELENS_SMTP_URL or CARELENS_BASE_URL is no address that can be used")
        if url.scheme and not (self.mail_from and self.base_url):
            raise ValueError("CARELENS_SMTP_URL needs CARELENS_MAIL_FROM and CARELENS_BASE_URL beside it")
        return self

    @model_validator(mode="after")
    def _turn(self) -> Self:
        urls = [url.strip() for url in self.turn_url.split(",") if url.strip()]
        if any(not url.startswith(("turn:", "turns:")) for url in urls):
            raise ValueError("CARELENS_TURN_URL is no address of a TURN server, such as turn:turn.example.org:3478")
        if urls and len(self.turn_secret.get_secret_value()) < 16:
            raise ValueError("CARELENS_TURN_URL needs CARELENS_TURN_SECRET beside it, of at least 16 characters")
        if self.relay_only and not urls:
            raise ValueError("CARELENS_RELAY_ONLY needs CARELENS_TURN_URL beside it")
        return self

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, given: str) -> str:
        parts = [part.strip() for part in given.split(",") if part.strip()]
        for part in parts:
            ip_network(part)  # ValueError for what is neither an address nor a network
        return ",".join(parts)

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
