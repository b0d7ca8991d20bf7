"""The supervisor: starts one program on a target and is the only thing of ours that has to stay alive there.

One folder of standard-library Python (3.6 or newer, Linux), placed on a target by its content hash and run as

    python -I -S -c BOOT FOLDER VERB RUN_FOLDER …

    start RUN_FOLDER            start the program of spec.json; answer when it is spawned; a second finds the first
    stop RUN_FOLDER GRACE       ask for the end (TERM, GRACE seconds, KILL); a run that has not started never will
    resume RUN_FOLDER MOST      start a program again that was killed, MOST times at most
    status RUN_FOLDER           look, change nothing
    run RUN_FOLDER              start the program and stay in the foreground until it has ended: in a container
    cancel RUN_FOLDER GRACE     leave the cancel that the supervisor of a container sees
    read RUN_FOLDER NAME OFFSET LIMIT   print bytes of one of its files
    clean_up RUN_FOLDER         remove the run folder of an ended run and leave a tombstone
    serve                       answer requests for all of these, for files and for programs, until the input closes
    launcher                    start one run after the other, until the input closes or rests

Each verb but run, read, serve and launcher prints one JSON object with the key "answer". A run folder is
WORK_FOLDER/runs/NAME, its tombstone WORK_FOLDER/ended/NAME; WORK_FOLDER/locks/NAME is locked by start, resume, stop,
clean_up and the admission of a container, and says "started" once the program was spawned. Everything known about a run
is in the files of its folder, so any process may look at any time.
Times are seconds, sizes bytes. Modules import each other relatively and nothing else of ours: the server imports the
same code for its own machine.
"""

BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from supervisor.command import main; sys.exit(main(sys.argv[2:]))"
