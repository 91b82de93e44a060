"""The room of simulated nights: a tool that no product room imports.

`simulator.night` simulates one night, `simulator.corpus` many, `simulator.sample_recordings`
the few that travel with the project. A night is made in the order of the modules:

``person`` who sleeps, ``life`` how nights go, ``plan`` what happens in one, ``families`` what the
body does about it, ``device`` what the wearable makes of that, ``render`` all of it together.

The ``kinematic`` family moves an arm: ``choreography`` and ``arm`` tell it what to do, ``movement``
what the wrist feels, ``heart`` what the heart does. The ``recombination`` family is made of
``real_nights``: ``fragments`` and ``fragment_scenes`` string movements together, ``resynthesis``
gives them bandwidth and noise, ``real_heart`` is their heart. The ``submovements`` family wanders
through ``states``; ``superposition`` adds up what they ask for, ``arousal`` is its heart.

What it makes is a simulation. No wrist recording of a night cramp is public; the figures behind
it are assumptions, and results on it are to be called results from simulation.
"""
