#include "CSignals.h"

#include <signal.h>
#include <stddef.h>

// Before main, which begins only when all libraries have been started.
__attribute__((constructor)) void csignals_ignore(void) {
    static const int numbers[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR};
    for (size_t index = 0; index < sizeof numbers / sizeof numbers[0]; ++index) signal(numbers[index], SIG_IGN);
}
