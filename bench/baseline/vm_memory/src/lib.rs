// SPDX-License-Identifier: BSD-2-Clause

//! The guest memory of rust-vmm's vm-memory, as functions that C calls
//! (vm_memory.c). What cannot fail here ends the program if it does.

use std::mem::size_of;
use std::os::raw::c_char;
use std::slice;
use std::sync::Arc;

use vm_memory::{
    GuestAddress, GuestMemory, GuestMemoryMmap, GuestMemoryRegion, GuestRegionMmap, MmapRegion,
};

/// Bytes of the longest region.
const LONGEST: usize = 1 << 20;

/// It lies in memory that C has for it.
pub struct Index {
    guest: GuestMemoryMmap,
    memory: MmapRegion,
}

#[repr(C)]
pub struct Range {
    start: u64,
    bytes: u64,
}

impl Index {
    /// All regions share one mapping, which nobody reads or writes: Linux lets
    /// a process have 65530 of them, unless it is told otherwise.
    fn region(&self, range: &Range) -> Arc<GuestRegionMmap> {
        let memory = &self.memory;
        let bytes = range.bytes as usize;

        assert!(bytes <= LONGEST);
        // SAFETY: the mapping is that long, and it is there until the index
        // ends, and with it its regions.
        let mapping = unsafe {
            MmapRegion::build_raw(memory.as_ptr(), bytes, memory.prot(), memory.flags())
        };

        Arc::new(GuestRegionMmap::new(mapping.unwrap(), GuestAddress(range.start)).unwrap())
    }
}

#[no_mangle]
pub extern "C" fn vm_memory_compiler() -> *const c_char {
    concat!(env!("RUSTC_VERSION"), "\0").as_ptr().cast()
}

#[no_mangle]
pub extern "C" fn vm_memory_size() -> usize {
    size_of::<Index>()
}

/// # Safety
/// There are `vm_memory_size` bytes, aligned to 64.
#[no_mangle]
pub unsafe extern "C" fn vm_memory_init(index: *mut Index) {
    index.write(Index {
        guest: GuestMemoryMmap::new(),
        memory: MmapRegion::new(LONGEST).unwrap(),
    });
}

/// # Safety
/// `vm_memory_init` was called.
#[no_mangle]
pub unsafe extern "C" fn vm_memory_fini(index: *mut Index) {
    index.drop_in_place();
}

/// In place of all regions that are there: `n` of them, in ascending order.
///
/// # Safety
/// `vm_memory_init` was called; there are `n` ranges.
#[no_mangle]
pub unsafe extern "C" fn vm_memory_fill(index: *mut Index, ranges: *const Range, n: usize) {
    let index = &mut *index;
    let ranges = slice::from_raw_parts(ranges, n);
    let regions = ranges.iter().map(|range| index.region(range)).collect();

    index.guest = GuestMemoryMmap::from_arc_regions(regions).unwrap();
}

/// # Safety
/// `vm_memory_init` was called.
#[no_mangle]
pub unsafe extern "C" fn vm_memory_insert(index: *mut Index, start: u64, bytes: u64) {
    let index = &mut *index;
    let region = index.region(&Range { start, bytes });

    index.guest = index.guest.insert_region(region).unwrap();
}

/// # Safety
/// `vm_memory_init` was called.
#[no_mangle]
pub unsafe extern "C" fn vm_memory_remove(index: *mut Index, start: u64) {
    let index = &mut *index;
    let start = GuestAddress(start);
    let bytes = index.guest.find_region(start).unwrap().len();

    index.guest = index.guest.remove_region(start, bytes).unwrap().0;
}

/// # Safety
/// `vm_memory_init` was called.
#[no_mangle]
pub unsafe extern "C" fn vm_memory_find(
    index: *const Index,
    address: u64,
) -> Option<&'static GuestRegionMmap> {
    (*index).guest.find_region(GuestAddress(address))
}

#[no_mangle]
pub extern "C" fn vm_memory_start(region: &GuestRegionMmap) -> u64 {
    region.start_addr().0
}

/// Of all regions, without the index itself: a pointer to each, and what it
/// points to, behind two counters.
///
/// # Safety
/// `vm_memory_init` was called.
#[no_mangle]
pub unsafe extern "C" fn vm_memory_bytes(index: *const Index) -> usize {
    let each = size_of::<Arc<GuestRegionMmap>>() + 2 * size_of::<usize>();

    (*index).guest.num_regions() * (each + size_of::<GuestRegionMmap>())
}
