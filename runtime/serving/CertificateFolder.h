//===- CertificateFolder.h - Certificates that change -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_CERTIFICATEFOLDER_H
#define LCP_RUNTIME_SERVING_CERTIFICATEFOLDER_H

#include "runtime/rpc/Tls.h"

namespace lcp::rt {

/// Sees that the files of a --tls folder were changed: a certificate that was
/// renewed, or a list of those that were revoked.
class CertificateFolder {
public:
  /// As it is now.
  explicit CertificateFolder(std::string folder);

  /// The identity if the files are others than when one was given last. An
  /// error, once for each change, if they do not fit together: they may not all
  /// have been copied yet.
  std::optional<Result<TlsIdentity>> poll();

private:
  std::string folder;
  /// Of the files when they were seen last, and when they made an identity.
  std::string seen, used;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_CERTIFICATEFOLDER_H
