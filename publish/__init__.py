"""Publishing a finished build. No rule of the workflow runs this."""
