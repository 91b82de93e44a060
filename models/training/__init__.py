"""How the trained models are made; the only room that needs scikit-learn to do its work."""
