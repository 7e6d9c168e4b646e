"""What is wrong, and why: probes ask, facts answer, rules conclude."""
