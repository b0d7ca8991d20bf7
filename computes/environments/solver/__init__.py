"""The work with py-rattler, in a process of its own: `python -m computes.environments.solver WORK RESULT`.

py-rattler ends in SIGSEGV or SIGABRT in about one of eleven processes that exit in the ordinary way (measured with
0.28), so this process ends with os._exit and is judged by the file that it wrote, never by its exit code.
"""
