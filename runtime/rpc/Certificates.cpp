//===- Certificates.cpp - A cluster's own authority -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Certificates.h"

#include "common/base/TextFile.h"
#include "runtime/rpc/Authority.h"
#include "runtime/rpc/Tls.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::openssl;

static Status systemError(const std::string &path, const char *what) {
  return Status(StatusCode::NotFound,
                path + ": " + what + ": " + std::strerror(errno));
}

static bool exists(const std::string &path) {
  return ::access(path.c_str(), F_OK) == 0;
}

static Status makeFolder(const std::string &path) {
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
    return systemError(path, "cannot make the folder");
  return Status();
}

/// Names in a folder, sorted, without those that begin with a dot.
static std::vector<std::string> listFolder(const std::string &path) {
  std::vector<std::string> names;
  DIR *folder = ::opendir(path.c_str());
  if (!folder)
    return names;
  while (const dirent *entry = ::readdir(folder))
    if (entry->d_name[0] != '.')
      names.push_back(entry->d_name);
  ::closedir(folder);
  std::sort(names.begin(), names.end());
  return names;
}

static Result<std::string> readFile(const std::string &path) {
  Result<std::string> text = readTextFile(path);
  if (text.ok() && text->empty())
    return Status(StatusCode::NotFound, path + ": it is empty");
  return text.ok()
             ? std::move(text)
             : Result<std::string>(std::move(text).status().withContext(path));
}

/// Writes a new file; nobody else can read it if it is a key's.
static Status writeNew(const std::string &path, const std::string &text,
                       mode_t mode) {
  int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0)
    return systemError(path, "cannot make the file");
  bool written =
      ::write(file, text.data(), text.size()) == ssize_t(text.size()) &&
      ::fsync(file) == 0;
  int error = errno;
  ::close(file);
  errno = error;
  return written ? Status() : systemError(path, "cannot write it");
}

/// Exchanges a file, or makes it, in one step: a server reads the old one or
/// the new one.
static Status exchange(const std::string &path, const std::string &text) {
  const std::string next = path + ".new";
  ::unlink(next.c_str());
  LCP_RETURN_IF_ERROR(writeNew(next, text, 0644));
  return ::rename(next.c_str(), path.c_str()) == 0
             ? Status()
             : systemError(path, "cannot exchange the file");
}

template <typename Write> static Result<std::string> toPem(Write write) {
  Bio memory(BIO_new(BIO_s_mem()));
  const char *data = nullptr;
  if (!memory || write(memory.get()) != 1)
    return Status(StatusCode::Internal, "cannot write PEM");
  long size = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, size_t(size));
}

static Result<std::string> toPem(X509 *certificate) {
  return toPem([&](BIO *out) { return PEM_write_bio_X509(out, certificate); });
}

static Result<std::string> toPem(EVP_PKEY *key) {
  return toPem([&](BIO *out) {
    return PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr,
                                         nullptr);
  });
}

static Result<std::string> toPem(X509_CRL *list) {
  return toPem([&](BIO *out) { return PEM_write_bio_X509_CRL(out, list); });
}

template <typename Object, typename Read>
static Result<Object> fromFile(const std::string &path, Read read,
                               const char *what) {
  LCP_ASSIGN_OR_RETURN(std::string text, readFile(path));
  Bio bio(BIO_new_mem_buf(text.data(), int(text.size())));
  Object object(read(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!object)
    return Status(StatusCode::Corrupt, path + ": no " + what + " in it");
  return object;
}

static Result<Certificate> readCertificate(const std::string &path) {
  return fromFile<Certificate>(path, PEM_read_bio_X509, "PEM certificate");
}

/// "2026-11-27 18:04 UTC".
static std::string describeTime(std::time_t time) {
  std::tm parts = {};
  char text[32] = "?";
  if (gmtime_r(&time, &parts))
    std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

/// A board without a battery starts in 1970: no clock that is right shows a
/// time before this was written.
static Status checkClock() {
  constexpr std::time_t written = 1764201600; // 2025-11-27
  std::time_t now = std::time(nullptr);
  if (now >= written)
    return Status();
  return Status(StatusCode::InvalidArgument,
                "this machine's clock stands at " + describeTime(now) +
                    ", and certificates would begin then: set it");
}

namespace {

/// ROOT with its authority.
class Folders {
public:
  /// Makes the authority if `create`, else it must be there.
  static Result<Folders> open(const std::string &root, bool create);

  Result<std::string> provide(const CertificateSubject &subject);
  Result<std::vector<std::string>> revoke(const std::string &name);
  std::string authorityFolder() const { return root + "/authority"; }

private:
  explicit Folders(std::string root) : root(std::move(root)) {}
  Status createAuthorityFolder();
  Status readAuthority();
  Result<std::string> check(const CertificateSubject &subject) const;
  Status issue(const CertificateSubject &subject);
  Result<std::vector<Certificate>> issuedTo(const std::string &name) const;

  std::string root;
  CertificateAndKey authority;
  RevocationList revoked;
};

/// A folder that appears under its name when commit() is called, or never.
class NewFolder {
public:
  static Result<NewFolder> create(const std::string &path) {
    NewFolder folder;
    folder.path = path;
    size_t name = path.rfind('/') + 1;
    folder.temporary =
        path.substr(0, name) + "." + path.substr(name) + ".XXXXXX";
    if (!::mkdtemp(folder.temporary.data())) {
      folder.temporary.clear();
      return systemError(path, "cannot make the folder");
    }
    return folder;
  }
  NewFolder(NewFolder &&other) noexcept
      : path(std::move(other.path)),
        temporary(std::exchange(other.temporary, std::string())),
        files(std::move(other.files)) {}
  ~NewFolder() {
    if (temporary.empty())
      return;
    for (const std::string &file : files)
      ::unlink((temporary + "/" + file).c_str());
    ::rmdir(temporary.c_str());
  }

  Status add(const std::string &name, const Result<std::string> &text,
             mode_t mode = 0644) {
    if (!text.ok())
      return text.status();
    files.push_back(name);
    return writeNew(temporary + "/" + name, *text, mode);
  }
  Status commit() {
    if (::chmod(temporary.c_str(), 0755) != 0 ||
        ::rename(temporary.c_str(), path.c_str()) != 0)
      return systemError(path, "cannot put the new folder in its place");
    temporary.clear();
    return Status();
  }

private:
  NewFolder() = default;
  std::string path, temporary;
  std::vector<std::string> files;
};

} // namespace

Status Folders::createAuthorityFolder() {
  LCP_ASSIGN_OR_RETURN(CertificateAndKey made, createAuthority());
  LCP_ASSIGN_OR_RETURN(RevocationList none,
                       makeRevocationList(made, nullptr, {}));
  LCP_ASSIGN_OR_RETURN(NewFolder folder, NewFolder::create(authorityFolder()));
  LCP_RETURN_IF_ERROR(folder.add("ca.key", toPem(made.key.get()), 0600));
  LCP_RETURN_IF_ERROR(folder.add("ca.pem", toPem(made.certificate.get())));
  LCP_RETURN_IF_ERROR(folder.add("crl.pem", toPem(none.get())));
  return folder.commit();
}

Status Folders::readAuthority() {
  const std::string folder = authorityFolder();
  LCP_ASSIGN_OR_RETURN(authority.certificate,
                       readCertificate(folder + "/ca.pem"));
  LCP_ASSIGN_OR_RETURN(authority.key,
                       fromFile<Key>(folder + "/ca.key",
                                     PEM_read_bio_PrivateKey, "private key"));
  LCP_ASSIGN_OR_RETURN(revoked, fromFile<RevocationList>(
                                    folder + "/crl.pem", PEM_read_bio_X509_CRL,
                                    "list of revoked certificates"));
  if (X509_check_private_key(authority.certificate.get(),
                             authority.key.get()) != 1) {
    ERR_clear_error();
    return Status(StatusCode::Untrusted,
                  folder + "/ca.key: not the key of ca.pem");
  }
  return Status();
}

Result<Folders> Folders::open(const std::string &root, bool create) {
  Folders folders(root);
  LCP_RETURN_IF_ERROR(checkClock());
  if (create && !exists(folders.authorityFolder())) {
    LCP_RETURN_IF_ERROR(makeFolder(root));
    LCP_RETURN_IF_ERROR(folders.createAuthorityFolder());
  }
  LCP_RETURN_IF_ERROR(folders.readAuthority());
  LCP_RETURN_IF_ERROR(makeFolder(folders.authorityFolder() + "/issued"));
  return folders;
}

/// Of a folder that is there.
Result<std::string> Folders::check(const CertificateSubject &subject) const {
  const std::string folder = root + "/" + subject.name;
  const std::string remedy =
      "; remove the folder " + folder + " for a new certificate";
  Result<TlsIdentity> identity = readTlsIdentity(folder);
  if (!identity.ok())
    return Status(identity.status().code(),
                  identity.status().message() + remedy);
  LCP_ASSIGN_OR_RETURN(Certificate certificate,
                       readCertificate(folder + "/cert.pem"));
  if (X509_verify(certificate.get(), authority.key.get()) != 1) {
    ERR_clear_error();
    return Status(StatusCode::Untrusted,
                  folder + "/cert.pem: the authority in " + root +
                      " did not sign it" + remedy);
  }
  if (isRevoked(revoked.get(), certificate.get()))
    return Status(StatusCode::Untrusted,
                  folder + "/cert.pem: it was revoked" + remedy);
  for (const std::string &host : subject.hosts)
    if (X509_check_ip_asc(certificate.get(), host.c_str(), 0) != 1 &&
        X509_check_host(certificate.get(), host.c_str(), host.size(), 0,
                        nullptr) != 1)
      return Status(StatusCode::Untrusted,
                    folder + "/cert.pem: it is not for " + host + remedy);
  std::tm end = {};
  ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end);
  return folder + ": kept, valid until " + describeTime(timegm(&end));
}

static std::string serialOf(const X509 *certificate) {
  BIGNUM *number =
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
  char *digits = number ? BN_bn2hex(number) : nullptr;
  std::string text = digits ? digits : "";
  OPENSSL_free(digits);
  BN_free(number);
  return text;
}

Status Folders::issue(const CertificateSubject &subject) {
  LCP_ASSIGN_OR_RETURN(CertificateAndKey made,
                       issueCertificate(authority, subject));
  Result<std::string> certificate = toPem(made.certificate.get());
  LCP_ASSIGN_OR_RETURN(NewFolder folder,
                       NewFolder::create(root + "/" + subject.name));
  LCP_RETURN_IF_ERROR(folder.add("key.pem", toPem(made.key.get()), 0600));
  LCP_RETURN_IF_ERROR(folder.add("cert.pem", certificate));
  LCP_RETURN_IF_ERROR(folder.add("ca.pem", toPem(authority.certificate.get())));
  LCP_RETURN_IF_ERROR(folder.add("crl.pem", toPem(revoked.get())));
  // The record first: what was given out can be revoked.
  LCP_RETURN_IF_ERROR(writeNew(authorityFolder() + "/issued/" + subject.name +
                                   "." + serialOf(made.certificate.get()) +
                                   ".pem",
                               *certificate, 0644));
  return folder.commit();
}

Result<std::string> Folders::provide(const CertificateSubject &subject) {
  if (subject.name == "authority" || subject.name.empty() ||
      subject.name[0] == '.' || subject.name.find('/') != std::string::npos)
    return Status(StatusCode::InvalidArgument,
                  "'" + subject.name +
                      "' cannot be the name of a machine's folder");
  if (exists(root + "/" + subject.name))
    return check(subject);
  LCP_RETURN_IF_ERROR(issue(subject));
  return root + "/" + subject.name + ": made";
}

Result<std::vector<Certificate>>
Folders::issuedTo(const std::string &name) const {
  const std::string issued = authorityFolder() + "/issued/";
  std::vector<Certificate> certificates;
  for (const std::string &file : listFolder(issued)) {
    // NAME.SERIAL.pem; a name may have dots, a serial number has none.
    size_t serial = file.rfind('.', file.rfind('.') - 1);
    if (serial != name.size() || file.compare(0, serial, name) != 0)
      continue;
    LCP_ASSIGN_OR_RETURN(Certificate certificate,
                         readCertificate(issued + file));
    certificates.push_back(std::move(certificate));
  }
  if (certificates.empty())
    return Status(StatusCode::NotFound,
                  "no certificate was made for '" + name + "' in " + root);
  return certificates;
}

Result<std::vector<std::string>> Folders::revoke(const std::string &name) {
  LCP_ASSIGN_OR_RETURN(std::vector<Certificate> certificates, issuedTo(name));
  LCP_ASSIGN_OR_RETURN(
      revoked, makeRevocationList(authority, revoked.get(), certificates));
  LCP_ASSIGN_OR_RETURN(std::string list, toPem(revoked.get()));
  std::vector<std::string> lines = {
      name + ": revoked (" + std::to_string(certificates.size()) +
      (certificates.size() == 1 ? " certificate)" : " certificates)")};
  LCP_RETURN_IF_ERROR(exchange(authorityFolder() + "/crl.pem", list));
  for (const std::string &folder : listFolder(root)) {
    const std::string path = root + "/" + folder;
    if (folder == "authority" || !exists(path + "/cert.pem"))
      continue;
    LCP_RETURN_IF_ERROR(exchange(path + "/crl.pem", list));
    if (folder != name)
      lines.push_back(path + "/crl.pem: copy it to that machine's folder of "
                             "certificates");
  }
  return lines;
}

Result<std::vector<std::string>>
lcp::rt::makeCertificates(const std::string &root,
                          const std::vector<CertificateSubject> &subjects) {
  LCP_ASSIGN_OR_RETURN(Folders folders, Folders::open(root, /*create=*/true));
  std::vector<std::string> lines = {
      folders.authorityFolder() +
      ": the authority; whoever has its ca.key can make devices that yours "
      "trust"};
  for (const CertificateSubject &subject : subjects) {
    LCP_ASSIGN_OR_RETURN(std::string line, folders.provide(subject));
    lines.push_back(std::move(line));
  }
  return lines;
}

Result<std::vector<std::string>>
lcp::rt::revokeCertificates(const std::string &root, const std::string &name) {
  LCP_ASSIGN_OR_RETURN(Folders folders, Folders::open(root, /*create=*/false));
  return folders.revoke(name);
}
