"""The run controller: the loop that owns runs. It may die at any time and resumes at the stored byte."""
