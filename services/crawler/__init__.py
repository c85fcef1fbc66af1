"""Watches feeds and sites; finds entries not seen before."""
