"""Telling people of the house what concerns them, once, where and how they want to be told."""
