"""The site: settings, addresses, admin, API root, embedded database. It knows `targets` and `registry`."""
