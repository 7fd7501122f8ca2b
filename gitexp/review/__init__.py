"""What is to be said of a change to a model: judged by the policy, and in words."""
