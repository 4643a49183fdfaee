/* SPDX-License-Identifier: Apache-2.0
 *
 * People, roles and quorum as pure decisions: who may play what, which roles exclude each other, who
 * is in the room, whether enough are. Used by engine and audit alike. (R11-R14) */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/error.h"

#define ROSTER_PEOPLE_MAX 64
#define ROSTER_ROLES_MAX  16

struct role {
    const char *id; /* "witness" */
    const char *duty;
    unsigned people_min;
    unsigned people_max; /* 0: no upper bound */
    const char *apart_from[ROSTER_ROLES_MAX];
    size_t apart_count;
};

struct person {
    const char *name;
    const char *organisation;
    const char *document; /* type only: "passport" (R11) */
    const char *roles[ROSTER_ROLES_MAX];
    size_t role_count;
    bool wet_ink;
    const char *sign_off_certificate; /* file beside the roster, "" for wet ink */
    const char *sign_off_key;         /* rehearsal only; "" */
    const char *sign_off_token;       /* of the environment, holds the person's own key; "" */
    bool present;
};

struct roster {
    struct person people[ROSTER_PEOPLE_MAX];
    size_t people_count;
    struct role roles[ROSTER_ROLES_MAX];
    size_t role_count;
    bool one_player; /* rehearsal: one newcomer plays all roles, recorded as such */
};

/* Every fault: a role nobody holds or too few or too many hold, roles that exclude each other in one
 * person (the script's `apart-from` and the safe defaults: administrator, custodian, witness, auditor
 * apart; not checked when one_player), a role that the script does not know. Calls `fault` for each;
 * returns the number. */
size_t roster_check(const struct roster *roster, void (*fault)(void *self, const char *text),
                    void *self);
const struct role *roster_role(const struct roster *roster, const char *id);
struct person *roster_person(struct roster *roster, const char *name);
bool person_has_role(const struct person *person, const char *role);
/* The present people of a role, at most `max` written to ret_people (may be NULL); how many. */
size_t roster_present(const struct roster *roster, const char *role,
                      const struct person **ret_people, size_t max);
/* NULL when every role has its minimum present; else refused, naming role and numbers (R14). */
MUST_CHECK struct error *roster_quorum(const struct roster *roster);
