"""What happened between releases: datasets that came, went and changed, source by source."""
