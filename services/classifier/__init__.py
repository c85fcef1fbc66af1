"""Tags articles by topic, in any language, and says why."""
