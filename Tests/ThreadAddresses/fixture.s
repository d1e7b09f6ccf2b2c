# Functions that keep a thread-local address in a task's frame (names with "keeps") and functions that do not, for scan.py.
# A name with an ending such as TQ1_ is that of a part of an async function.
# The first is what Swift 6.3 made of a Mutex that is locked in a `defer` after an `await`.
        .text

"$skeepsThreadNumberTQ1_":
        movq    %r14, %rbx
        movq    %fs:0, %rax
        leaq    -0x8c(%rax), %rax
        movq    %rax, 0x30(%rbx)
        ret

"$skeepsThroughTheStackTQ1_":
        pushq   %rbp
        movq    %rsp, %rbp
        subq    $16, %rsp
        movq    %fs:0, %rcx
        addq    $-0x20, %rcx
        movq    %rcx, -0x8(%rbp)
        xorl    %ecx, %ecx
        movq    -0x8(%rbp), %rdx
        movq    %rdx, 0x118(%r14)
        ret

"$skeepsErrorNumberTQ1_":
        callq   __errno_location
        movq    %rax, %r13
        callq   swift_task_dealloc
        movq    %r13, 0x40(%r14)
        ret

"$sreadsThreadNumberTQ1_":
        movq    %fs:0, %rax
        movl    -0x8c(%rax), %eax
        movl    %eax, 0x30(%r14)
        ret

"$swritesThreadNumberTQ1_":
        movq    %fs:0, %rax
        leaq    -0x8c(%rax), %rbx
        movl    %edi, (%rbx)
        movq    %rdi, -0x90(%rax)
        ret

"$sspillsToItsStackTQ1_":
        movq    %fs:0, %rax
        leaq    -0x8c(%rax), %rax
        movq    %rax, 0x8(%rsp)
        movq    0x8(%rsp), %rbx
        movl    (%rbx), %ebx
        movq    %rbx, 0x30(%r14)
        ret

"$sreadsErrorNumberTQ1_":
        callq   __errno_location
        movl    (%rax), %eax
        movq    %rax, 0x30(%r14)
        ret

"$sforgetsAtACallTQ1_":
        callq   __errno_location
        callq   swift_task_dealloc
        movq    %rax, 0x30(%r14)
        ret

"$sstoresStackGuardTQ1_":
        movq    %fs:0x28, %rax
        movq    %rax, 0x30(%r14)
        ret

"$sisNotAsync":
        callq   pthread_self
        movq    %rax, 0x10(%r13)
        ret
