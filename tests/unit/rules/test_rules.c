/* SPDX-License-Identifier: Apache-2.0
 *
 * Roster, quorum and share plans: pure decisions, so tables and properties. */
#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/rules/key_origin.h"
#include "ceremony/rules/roster.h"
#include "ceremony/rules/share_plan.h"
#include "tests/support/check.h"

static void
collect(void *self, const char *text)
{
    struct bytes *said = self;
    check_ok(bytes_format(said, "%s\n", text));
}

static struct roster roster;

static void
set_roster(void)
{
    roster = (struct roster){
        .roles = {{.id = "administrator", .people_min = 1, .people_max = 1},
                  {.id = "operator", .people_min = 1, .people_max = 1},
                  {.id = "custodian", .people_min = 2},
                  {.id = "witness",
                   .people_min = 2,
                   .people_max = 3,
                   .apart_from = {"operator"},
                   .apart_count = 1},
                  {.id = "auditor", .people_min = 1}                  },
        .role_count = 5,
        .people = { {.name = "A", .roles = {"administrator"}, .role_count = 1},
                  {.name = "B", .roles = {"operator"}, .role_count = 1},
                  {.name = "C", .roles = {"custodian"}, .role_count = 1},
                  {.name = "D", .roles = {"custodian"}, .role_count = 1},
                  {.name = "E", .roles = {"witness"}, .role_count = 1},
                  {.name = "F", .roles = {"witness"}, .role_count = 1},
                  {.name = "G", .roles = {"auditor"}, .role_count = 1}},
        .people_count = 7,
    };
}

static void
check_said(const char *expected)
{
    AUTO_BYTES said = {0};
    size_t count = roster_check(&roster, collect, &said);
    assert_string_equal(bytes_text(&said), expected);
    size_t lines = 0;
    for (const char *p = expected; *p != '\0'; p++)
        lines += *p == '\n' ? 1 : 0;
    assert_int_equal(count, lines);
}

static void
test_roster(void **state)
{
    (void)state;
    set_roster();
    check_said("");
    roster.people[6].roles[0] = "witness";
    check_said("nobody has the role 'auditor'; the script needs 1 person\n");
    set_roster();
    roster.people[3].role_count = 0;
    check_said("the role 'custodian' needs at least 2 people, and 1 has it\n");
    set_roster();
    roster.people[0].name = "G";
    check_said("G stands in the roster twice\n");

    /* One name, however it was typed. */
    static const struct {
        const char *a;
        const char *b;
        bool same;
    } names[] = {
        {"Ada Byron",  "ada  BYRON ", true },
        {"Ada Byron",  "AdaByron",    false},
        {"Ada Byron",  "Ada",         false},
        {"Ada",        "Ada Byron",   false},
        {" Ada",       "Ada",         false},
        {"Ada",        "Ada  ",       true },
        {"Ada Byron",  "Ada\0Byron",  false}, /* what stands behind the end is not looked at */
        {"Ada\0Byron", "Ada Byron",   false}
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        set_roster();
        roster.people[0].name = names[i].a;
        roster.people[1].name = names[i].b;
        AUTO_BYTES said = {0};
        (void)roster_check(&roster, collect, &said);
        bool told = bytes_text(&said) != NULL && strstr(bytes_text(&said), "twice") != NULL;
        assert_int_equal(told, names[i].same);
    }
    set_roster();
    roster.people[0].roles[roster.people[0].role_count++] = "cook";
    check_said("A has the role 'cook', which the script does not know\n");
    set_roster();
    for (size_t i = 2; i < 4; i++)
        roster.people[i].roles[roster.people[i].role_count++] = "operator";
    check_said("the role 'operator' is for at most 1 person, and 3 have it\n");
}

/* Every pair of roles: apart by default (R12), by the script in either direction, or allowed. */
static void
test_conflicts(void **state)
{
    (void)state;
    static const char *const roles[] = {"administrator", "operator", "custodian", "witness",
                                        "auditor"};
    for (size_t a = 0; a < 5; a++)
        for (size_t b = 0; b < 5; b++) {
            set_roster();
            roster.people_count = 8;
            roster.people[7] = (struct person){
                .name = "H", .roles = {roles[a], roles[b]},
                     .role_count = 2
            };
            for (size_t i = 0; i < roster.role_count; i++)
                roster.roles[i].people_max = 0;
            AUTO_BYTES said = {0};
            size_t count = roster_check(&roster, collect, &said);
            bool defaults = a != 1 && b != 1;
            bool by_script = (a == 1 && b == 3) || (a == 3 && b == 1);
            assert_int_equal(count, a == b || defaults || by_script ? 1 : 0);
            if (a != b && count == 1)
                assert_non_null(strstr(bytes_text(&said), "which must be different people"));
            roster.one_player = true;
            assert_int_equal(roster_check(&roster, NULL, NULL), a == b ? 1 : 0);
        }
}

static void
test_quorum(void **state)
{
    (void)state;
    set_roster();
    check_error_says(roster_quorum(&roster), ERROR_REFUSED,
                     "the role 'administrator' needs 1 person in the room, and 0 are here");
    for (size_t i = 0; i < roster.people_count; i++)
        roster.people[i].present = true;
    check_ok(roster_quorum(&roster));
    const struct person *present[1] = {NULL};
    assert_int_equal(roster_present(&roster, "witness", present, 1), 2);
    assert_string_equal(present[0]->name, "E");
    roster_person(&roster, "D")->present = false;
    check_error_says(roster_quorum(&roster), ERROR_REFUSED,
                     "the role 'custodian' needs 2 people in the room, and fewer are here");
    assert_null(roster_person(&roster, "Z"));
    assert_null(roster_role(&roster, "cook"));
}

/* --- share plans ------------------------------------------------------------------------------ */

static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h",
                                    "i", "j", "k", "l", "m", "n", "o", "p"};

static struct share_plan plan;

/* Groups of T of N; every holder is another person as far as names reach. */
static void
set_plan(unsigned group_threshold, size_t groups, const unsigned (*sizes)[2])
{
    static const char *const group_names[] = {"first", "second", "third"};
    plan = (struct share_plan){
        .name = "backup", .group_threshold = group_threshold, .group_count = groups};
    size_t next = 0;
    for (size_t g = 0; g < groups; g++) {
        plan.groups[g].name = group_names[g];
        plan.groups[g].threshold = sizes[g][0];
        plan.groups[g].count = sizes[g][1];
        for (size_t i = 0; i < sizes[g][1]; i++)
            plan.groups[g].holders[i].person = names[next++ % 16];
    }
}

/* R74 for one group: allowed exactly when 2 <= T <= N. */
static void
test_plan_sizes(void **state)
{
    (void)state;
    for (unsigned t = 0; t <= 17; t++)
        for (unsigned n = 0; n <= 16; n++) {
            const unsigned sizes[][2] = {
                {t, n}
            };
            set_plan(1, 1, sizes);
            struct error *error = share_plan_check(&plan, false);
            assert_int_equal(error == NULL, t >= 2 && t <= n);
            error_free(error);
        }
}

static void
test_plan_groups(void **state)
{
    (void)state;
    static const unsigned sizes[][2] = {
        {2, 3},
        {1, 1},
        {3, 5}
    };
    set_plan(2, 3, sizes);
    check_ok(share_plan_check(&plan, false));
    assert_int_equal(share_plan_shares(&plan), 9);
    assert_int_equal(share_plan_subsets(&plan), 3 * 1 + 3 * 10 + 1 * 10);
    set_plan(1, 3, sizes);
    check_error_says(share_plan_check(&plan, false), ERROR_INPUT,
                     "group 'second' has one share that recovers the key alone");
    set_plan(4, 3, sizes);
    check_error_says(share_plan_check(&plan, false), ERROR_INPUT, "needs 4 groups, and has 3");
    set_plan(0, 3, sizes);
    check_error_says(share_plan_check(&plan, false), ERROR_INPUT, "needs 0 groups");
    set_plan(2, 3, sizes);
    plan.groups[0].holders[1].person = "a";
    check_error_says(share_plan_check(&plan, false), ERROR_INPUT,
                     "a holds two shares of group 'first'");
    check_ok(share_plan_check(&plan, true)); /* one player holds them all */
    set_plan(2, 3, sizes);
    plan.groups[0].holders[0].person = plan.groups[1].holders[0].person;
    check_error_says(share_plan_check(&plan, false), ERROR_INPUT,
                     "d alone is group 'second', and holds a share of group 'first' too");
    /* What stands behind the count is not looked at. */
    set_plan(2, 2, sizes);
    plan.groups[2] = plan.groups[1];
    check_ok(share_plan_check(&plan, false));
    plan.group_count = SHARE_GROUPS_MAX + 1;
    check_error_says(share_plan_check(&plan, false), ERROR_INPUT, "groups; 1 to");
    char group_names[SHARE_GROUPS_MAX][4];
    for (int i = 0; i < SHARE_GROUPS_MAX; i++) {
        (void)snprintf(group_names[i], sizeof group_names[i], "g%d", i);
        plan.groups[i] = plan.groups[0];
        plan.groups[i].name = group_names[i];
    }
    plan.group_count = SHARE_GROUPS_MAX; /* as many as are possible */
    check_ok(share_plan_check(&plan, false));
    plan.group_count = 0;
    check_error_says(share_plan_check(&plan, false), ERROR_INPUT, "has 0 groups; 1 to");
    set_plan(2, 3, sizes);
    plan.groups[2].name = "first";
    check_error_says(share_plan_check(&plan, false), ERROR_INPUT, "two groups");
}

/* Whoever is present: the answer equals counting by hand, for every subset of people. */
static void
test_plan_can_meet(void **state)
{
    (void)state;
    static const unsigned sizes[][2] = {
        {2, 3},
        {3, 4}
    };
    for (unsigned threshold = 1; threshold <= 2; threshold++) {
        set_plan(threshold, 2, sizes);
        size_t qualified = 0;
        for (unsigned mask = 0; mask < 1U << 7; mask++) {
            const char *present[7];
            size_t count = 0;
            for (unsigned i = 0; i < 7; i++)
                if ((mask >> i & 1U) != 0)
                    present[count++] = names[i];
            int first = __builtin_popcount(mask & 7U);
            int second = __builtin_popcount(mask >> 3);
            unsigned met = (first >= 2 ? 1U : 0U) + (second >= 3 ? 1U : 0U);
            assert_int_equal(share_plan_can_meet(&plan, present, count), met >= threshold);
            qualified += (first == 2 && second == 3 && threshold == 2) ? 1 : 0;
        }
        if (threshold == 2)
            assert_int_equal(share_plan_subsets(&plan), qualified);
    }
}

static unsigned
count_present(unsigned mask, const char **present)
{
    unsigned count = 0;
    for (unsigned i = 0; i < 7; i++)
        if ((mask >> i & 1U) != 0)
            present[count++] = names[i];
    return count;
}

/* Whoever is left: the margin equals losing holders in every way until one way is too much. */
static void
test_plan_margin(void **state)
{
    (void)state;
    static const unsigned sizes[][2] = {
        {2, 3},
        {3, 4}
    };
    for (unsigned threshold = 1; threshold <= 2; threshold++) {
        size_t least = 7;
        set_plan(threshold, 2, sizes);
        for (unsigned mask = 0; mask < 1U << 7; mask++) {
            const char *good[7];
            const char *left[7];
            size_t margin = 99;
            unsigned count = count_present(mask, good);
            bool meets = share_plan_can_meet(&plan, good, count);
            if (meets && count < least)
                least = count;
            assert_int_equal(share_plan_margin(&plan, good, count, &margin), meets);
            unsigned lost = count; /* the smallest loss that is too much */
            for (unsigned gone = 0; gone <= mask; gone++)
                if ((gone & ~mask) == 0 && (unsigned)__builtin_popcount(gone) < lost
                    && !share_plan_can_meet(&plan, left, count_present(mask & ~gone, left)))
                    lost = (unsigned)__builtin_popcount(gone);
            assert_int_equal(margin, meets ? lost - 1 : 0);
        }
        assert_int_equal(share_plan_least(&plan), least);
    }
}

static void
test_subsets_saturate(void **state)
{
    (void)state;
    plan = (struct share_plan){.name = "big", .group_threshold = 16, .group_count = 16};
    for (size_t g = 0; g < 16; g++) {
        plan.groups[g].threshold = 8;
        plan.groups[g].count = 16;
    }
    assert_true(share_plan_subsets(&plan) == UINT64_MAX);
    /* What cannot be met has no subset. */
    static const unsigned sizes[][2] = {
        {3, 2},
        {2, 2}
    };
    set_plan(1, 1, sizes);
    assert_int_equal(share_plan_subsets(&plan), 0);
    set_plan(1, 2, sizes);
    assert_int_equal(share_plan_subsets(&plan), 1);
    set_plan(3, 2, sizes);
    assert_int_equal(share_plan_subsets(&plan), 0);
    plan.group_threshold = SHARE_GROUPS_MAX + 1;
    assert_int_equal(share_plan_subsets(&plan), 0);
}

static void
test_key_origins(void **state)
{
    (void)state;
    for (size_t i = 0; key_origin_names[i] != NULL; i++) {
        assert_non_null(key_origin_find(key_origin_names[i]));
        assert_string_equal(key_origin_find(key_origin_names[i])->name, key_origin_names[i]);
    }
    assert_null(key_origin_find("papaya"));
    AUTO_FREE char *text = NULL;
    const struct key_origin_said said = {.batch = "b",
                                         .method = "m",
                                         .transfer = "t",
                                         .line = "1",
                                         .shift = "2",
                                         .operators = "3"};
    check_ok(key_origin_entry(&said, &text));
    assert_string_equal(text, "b: m, t; line 1, shift 2, operators 3");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roster),      cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_quorum),      cmocka_unit_test(test_plan_sizes),
        cmocka_unit_test(test_plan_groups), cmocka_unit_test(test_plan_can_meet),
        cmocka_unit_test(test_plan_margin), cmocka_unit_test(test_subsets_saturate),
        cmocka_unit_test(test_key_origins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
