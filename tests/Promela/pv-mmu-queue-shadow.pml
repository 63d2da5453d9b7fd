/* The design "shadow" of the model pv-mmu-queue (Reference/Models/Xen/PvMmuQueue), step for step: the yardstick of
   './hvlab bench' for the explorer. Both visit the same number of states; the bench refuses to compare them otherwise.
   Bounds as in the C# model: CPUS, PAGES, UPDATES. One process chooses who acts: interleaving is part of the loop. */

#ifndef CPUS
#define CPUS 3
#endif
#ifndef PAGES
#define PAGES 2
#endif
#ifndef UPDATES
#define UPDATES 2
#endif

#define IDLE 0
#define BEGINS 1
#define READS 2
#define WRITES 3

byte phase[CPUS], page[CPUS], update[CPUS], want[CPUS];
byte tlb[CPUS * PAGES];            /* 0 for none, else version + 1 */
byte walked[PAGES], latest[PAGES], promised[PAGES];
byte owner;                        /* cpu + 1, 0 for none */

#define TLB(c, p) tlb[(c) * PAGES + (p)]

inline end(c)
{
    if
    :: owner == c + 1 -> owner = 0
    :: else
    fi;
    page[c] = 0; update[c] = 0; want[c] = 0; phase[c] = IDLE
}

/* The first three of STEPS are what a CPU that is idle may begin with a page. */
#define BEGIN(c, p) \
    :: d_step { phase[c] == IDLE && owner == 0 && latest[p] < UPDATES -> page[c] = p; update[c] = 1; owner = c + 1; phase[c] = READS } \
    :: d_step { phase[c] == IDLE && latest[p] > promised[p] -> page[c] = p; want[c] = latest[p]; phase[c] = BEGINS } \
    :: d_step { phase[c] == IDLE -> \
        if \
        :: TLB(c, p) == 0 -> assert(walked[p] >= promised[p]); TLB(c, p) = walked[p] + 1 \
        :: else -> assert(TLB(c, p) - 1 >= promised[p]) \
        fi }

#define STEPS(c) \
    BEGIN(c, 0) \
    BEGIN2(c) \
    :: d_step { phase[c] == BEGINS -> phase[c] = READS } \
    :: d_step { phase[c] == READS && update[c] == 1 -> phase[c] = WRITES } \
    :: d_step { phase[c] == READS && update[c] == 0 -> \
        assert(latest[page[c]] >= walked[page[c]]); \
        walked[page[c]] = latest[page[c]]; \
        i = 0; \
        do \
        :: i < CPUS -> TLB(i, page[c]) = 0; i++ \
        :: else -> break \
        od; \
        i = 0; \
        if \
        :: want[c] > promised[page[c]] -> promised[page[c]] = want[c] \
        :: else \
        fi; \
        end(c) } \
    :: d_step { phase[c] == WRITES -> latest[page[c]] = latest[page[c]] + 1; end(c) }

#if PAGES == 2
#define BEGIN2(c) BEGIN(c, 1)
#else
#define BEGIN2(c)
#endif

active proctype system()
{
    byte i;
    do
    STEPS(0)
    STEPS(1)
#if CPUS == 3
    STEPS(2)
#endif
    :: d_step { walked[0] != latest[0] -> assert(latest[0] >= walked[0]); walked[0] = latest[0] }
#if PAGES == 2
    :: d_step { walked[1] != latest[1] -> assert(latest[1] >= walked[1]); walked[1] = latest[1] }
#endif
    od
}
