"""CareLens: the shared core under the pages."""
