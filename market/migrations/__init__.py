"""Changes of the schema, one revision each; they import no models."""
