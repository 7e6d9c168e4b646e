"""The full-screen program. Screens show state and call one function; they decide nothing."""
