"""The REST API: `/api/v1/...`, beside the pages or alone (`python -m core.web.api`). See `app.py`."""
