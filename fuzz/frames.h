/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * frames.h -- the segments of a model, by its frames: w.frames[i].seg is the
 * number of the segment of frame i, -1 if it is not registered.  Included
 * behind `w'.  NFRAMES is how many frames it has.
 */

static bool
is_there(size_t i)
{
	return i < NFRAMES && w.frames[i].seg >= 0;
}

static size_t
seg_start(size_t i)
{
	while (i > 0 && w.frames[i - 1].seg == w.frames[i].seg)
		i--;
	return i;
}

static size_t
seg_end(size_t i)
{
	const int seg = w.frames[i].seg;

	while (i < NFRAMES && w.frames[i].seg == seg)
		i++;
	return i;
}

static size_t
count_there(void)
{
	size_t n = 0;

	for (size_t i = 0; i < NFRAMES; i++)
		n += is_there(i);
	return n;
}

static size_t
count_segs(void)
{
	size_t n = 0;

	for (size_t i = 0; i < NFRAMES; i = seg_end(i))
		n += is_there(i);
	return n;
}

static size_t
count_avail(size_t i, size_t end)
{
	size_t n = 0;

	for (; i < end; i++)
		n += w.frames[i].avail;
	return n;
}
