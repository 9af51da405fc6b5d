/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/shuffle.h"

void
gw_shuffle_init (GwShuffle *shuffle,
                 int64_t    n,
                 int64_t    buffer)
{
  g_assert (n >= 1 && n <= G_MAXINT32);
  *shuffle = (GwShuffle) { .n = (uint32_t) n, .capacity = (uint32_t) (buffer <= 0 ? n : MIN (buffer, n)) };
  shuffle->slots = g_new (int32_t, shuffle->capacity);
}

void
gw_shuffle_clear (GwShuffle *shuffle)
{
  g_clear_pointer (&shuffle->slots, g_free);
}

void
gw_shuffle_start (GwShuffle *shuffle,
                  uint64_t   seed,
                  uint64_t   seed2)
{
  gw_philox_init (&shuffle->philox, seed, seed2);
  shuffle->n_left = 0;
  shuffle->first = 0;
  shuffle->held = 0;
  shuffle->entered = 0;
}

void
gw_shuffle_start_epoch (GwShuffle *shuffle,
                        uint64_t   seed,
                        uint64_t   seed2,
                        int64_t    epoch)
{
  GwPhilox parent;
  uint32_t words[4];

  gw_philox_init (&parent, seed, seed2);
  gw_philox_skip (&parent, (uint64_t) epoch / 2);
  gw_philox_next (&parent, words);
  gw_shuffle_start (shuffle, words[epoch % 2 * 2], words[epoch % 2 * 2 + 1]);
}

/* The slot `steps` behind the first one. */
static inline uint32_t
slot_at (const GwShuffle *shuffle,
         uint32_t         steps)
{
  uint32_t slot = shuffle->first + steps; /* both below 2^31 */

  return slot < shuffle->capacity ? slot : slot - shuffle->capacity;
}

int64_t
gw_shuffle_next (GwShuffle *shuffle)
{
  uint32_t chosen;
  int32_t number;

  while (shuffle->entered < shuffle->n && shuffle->held < shuffle->capacity)
    shuffle->slots[slot_at (shuffle, shuffle->held++)] = (int32_t) shuffle->entered++;
  if (shuffle->held == 0)
    return -1;
  if (shuffle->n_left == 0)
    {
      gw_philox_next (&shuffle->philox, shuffle->words);
      shuffle->n_left = 4;
    }
  chosen = slot_at (shuffle, shuffle->words[4 - shuffle->n_left--] % shuffle->held);
  number = shuffle->slots[chosen];
  shuffle->slots[chosen] = shuffle->slots[shuffle->first];
  shuffle->first = slot_at (shuffle, 1);
  shuffle->held--;
  return number;
}
