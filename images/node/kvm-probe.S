# Boot sector of the KVM probe (src/underlay/embedded/kvm.ts holds it assembled):
#   as -o probe.o kvm-probe.S && objcopy -O binary probe.o probe.bin && xxd -p probe.bin
.code16
.org 0
start: cli
 xor %ax,%ax
 mov %ax,%ds
 mov %ax,%es
 mov %ax,%ss
 mov $0x7c00,%sp
 # page tables at 0x1000: PML4, 0x2000 PDPT, 0x3000 PD, one 2 MiB page
 mov $0x1000,%di
 mov $0x1800,%cx
 xor %ax,%ax
 cld
 rep stosw
 movl $0x2003,0x1000
 movl $0x3003,0x2000
 movl $0x83,0x3000
 mov %cr4,%eax
 or $0x20,%eax
 mov %eax,%cr4
 mov $0x1000,%eax
 mov %eax,%cr3
 mov $0xC0000080,%ecx
 rdmsr
 or $0x100,%eax
 wrmsr
 lgdt (0x7c00+gdtr-start)
 mov %cr0,%eax
 or $0x80000001,%eax
 mov %eax,%cr0
 ljmp $8,$(0x7c00+long-start)
.code64
long:
 mov $16,%eax
 mov %eax,%ds
 mov %eax,%es
 mov %eax,%ss
 mov $0x7c00,%rsp
 # What early 64-bit kernel code does: SSE, segment bases, TLB flush, cpuid, a changed page table.
 mov %cr0,%rax
 and $~4,%rax
 or $2,%rax
 mov %rax,%cr0
 mov %cr4,%rax
 or $0x600,%rax
 mov %rax,%cr4
 movq %rax,%xmm0
 pxor %xmm1,%xmm1
 mov $0xC0000101,%ecx
 mov $0x1234,%eax
 xor %edx,%edx
 wrmsr
 mov %cr3,%rax
 mov %rax,%cr3
 invlpg (0)
 xor %eax,%eax
 cpuid
 mov $0x2a,%al
 mov $0xf4,%dx
 out %al,%dx
1: hlt
 jmp 1b
.align 8
gdt: .quad 0
 .quad 0x00209a0000000000
 .quad 0x0000920000000000
gdtr: .word 23
 .long 0x7c00+gdt-start
