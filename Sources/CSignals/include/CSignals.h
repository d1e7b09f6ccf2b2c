#ifndef CSIGNALS_H
#define CSIGNALS_H

/// The signals that end a process unless it handles them, and that somebody may send to a daemon for another purpose, are
/// ignored from the moment at which the program is loaded.
void csignals_ignore(void);

#endif
