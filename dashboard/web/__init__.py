"""Pages and HTTP API. `dashboard.web.app.create_app` builds them over `dashboard.web.services.WebServices`."""
