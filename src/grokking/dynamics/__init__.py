"""How θ moves. A flow integrates a `System`; an optimiser steps down the gradients of an `Objective`."""
