/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm.h -- all of the compatible face.
 */
#ifndef UVM_UVM_H
#define UVM_UVM_H

#include <uvm/uvm_param.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>
#include <uvm/uvm_physseg.h>
#include <uvm/uvm_physseg_boot.h>

#endif /* UVM_UVM_H */
