"""The way onto a phone: on Home of the screen that presents, the address as a picture that a phone's camera can read."""

from __future__ import annotations

import ipaddress

import streamlit as st

from core.settings import settings
from core.ui import parts
from core.web import lan


def offer() -> None:
    """Show the address, where the house is served in the local network and the one who looks sits at its own machine."""
    url = settings().lan_url
    if not url or not presenting(st.context.ip_address):
        return
    with st.container(border=True, key="lan"), parts.row(vertical_alignment="top", gap="medium"):
        with st.container(width=196):
            st.image(parts.qr_code(url), alt=f"QR code of {url}", width="stretch")
        with st.container(width="stretch", gap="small"):
            parts.titled("Open it on your phone", icon="smartphone")
            st.markdown(f"Point the phone's camera at this picture, or type **{url}**. The phone must be in the same network.")
            st.markdown(
                "**Your phone warns once** that it does not know this page. This computer made the page's certificate itself, "
                "and nobody else has signed it. Choose “Advanced”, then go on. The line between phone and computer is still scrambled."
            )
            if (mark := fingerprint()) is not None:
                parts.note(f"To be quite sure, compare the certificate's SHA-256 fingerprint: {mark[:23]} …")


def presenting(address: str | None) -> bool:
    """Whether a visitor's address is this machine itself: there is no address, or it is one of its own."""
    try:
        here = ipaddress.ip_address((address or "127.0.0.1").split("%")[0])
    except ValueError:
        return False
    mapped = here.ipv4_mapped if isinstance(here, ipaddress.IPv6Address) else None
    return (mapped or here).is_loopback or (mapped or here) in lan.addresses()


def fingerprint() -> str | None:
    """The fingerprint of the certificate that is served; None where it cannot be read."""
    folder = settings().home / "lan"
    try:
        return lan.Certificate(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem").fingerprint
    except (OSError, ValueError):
        return None
