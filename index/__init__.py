"""The register: schema, migrations, queries, review. A cache of the vault, never the only place of a fact."""
