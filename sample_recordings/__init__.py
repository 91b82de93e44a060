"""Simulated nights that travel with the project, as data: see the README beside this file."""
