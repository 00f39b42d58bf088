"""Commands of `odis` that have rooms of their own: specifications, tables, datasets of the catalogues."""
