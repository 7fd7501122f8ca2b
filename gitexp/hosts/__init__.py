"""Where pull requests are: GitHub and GitLab, through their documented REST APIs."""
