/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/pool.h"

#include <pthread.h>
#include <stdlib.h>

#define IDLE_MAX 256U

struct p11_pool {
    struct p11_module *module;
    CK_SLOT_ID slot;
    pthread_mutex_t lock;
    struct p11_session *idle[IDLE_MAX];
    size_t count;
};

struct error *
p11_pool_new(struct p11_module *module, CK_SLOT_ID slot, struct p11_pool **ret_pool)
{
    struct p11_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL || pthread_mutex_init(&pool->lock, NULL) != 0) {
        free(pool);
        return error_memory();
    }
    pool->module = module;
    pool->slot = slot;
    *ret_pool = pool;
    return NULL;
}

void
p11_pool_free(struct p11_pool *pool)
{
    if (pool == NULL)
        return;
    while (pool->count > 0)
        p11_session_close(pool->idle[--pool->count]);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
}

struct error *
p11_pool_take(struct p11_pool *pool, struct p11_session **ret_session)
{
    struct p11_session *session = NULL;
    (void)pthread_mutex_lock(&pool->lock);
    if (pool->count > 0)
        session = pool->idle[--pool->count];
    (void)pthread_mutex_unlock(&pool->lock);
    if (session != NULL) {
        *ret_session = session;
        return NULL;
    }
    return p11_session_open(pool->module, pool->slot, ret_session);
}

void
p11_pool_give(struct p11_pool *pool, struct p11_session *session, bool sound)
{
    if (session == NULL)
        return;
    (void)pthread_mutex_lock(&pool->lock);
    bool kept = sound && pool->count < IDLE_MAX;
    if (kept)
        pool->idle[pool->count++] = session;
    (void)pthread_mutex_unlock(&pool->lock);
    if (!kept)
        p11_session_close(session);
}
