//===- CertificateFolder.cpp - Certificates that change -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/CertificateFolder.h"

#include <sys/stat.h>

using namespace lcp;
using namespace lcp::rt;

/// Another text for other files, written in place or renamed.
static std::string stampOf(const std::string &folder) {
  std::string stamp;
  for (const char *name : {"ca.pem", "cert.pem", "key.pem", "crl.pem"}) {
    struct stat info = {};
    if (::stat((folder + "/" + name).c_str(), &info) == 0)
      stamp += std::to_string(info.st_ino) + " " +
               std::to_string(info.st_size) + " " +
               std::to_string(info.st_mtim.tv_sec) + "." +
               std::to_string(info.st_mtim.tv_nsec);
    stamp += "\n";
  }
  return stamp;
}

CertificateFolder::CertificateFolder(std::string path)
    : folder(std::move(path)), seen(stampOf(folder)), used(seen) {}

std::optional<Result<TlsIdentity>> CertificateFolder::poll() {
  const std::string now = stampOf(folder);
  if (now == used)
    return std::nullopt;
  Result<TlsIdentity> identity = readTlsIdentity(folder);
  const bool isNew = now != seen;
  seen = now;
  if (!identity.ok() && !isNew)
    return std::nullopt;
  if (identity.ok())
    used = now;
  return identity;
}
