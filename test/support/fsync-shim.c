/*
 * Preloaded under a process to see what its fsync calls are worth.
 * FSYNC_DIRECTORY and FSYNC_SHADOW: a file of the directory is copied to the shadow whenever it is synced, so that the shadow
 * is what a disk without power would still have. FSYNC_LIES: a name ending for which the disk only says that it has synced.
 * FSYNC_DELAY_US: every sync takes this much longer.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int ends_with(const char *text, const char *end) {
  size_t length = strlen(text), tail = strlen(end);
  return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* A file that is gone when its directory is synced is gone for good. */
static void forget_removed(const char *directory, const char *shadow) {
  DIR *files = opendir(shadow);
  struct dirent *file;
  while (files && (file = readdir(files))) {
    char real[PATH_MAX], copy[PATH_MAX];
    snprintf(real, sizeof real, "%s/%s", directory, file->d_name);
    snprintf(copy, sizeof copy, "%s/%s", shadow, file->d_name);
    if (access(real, F_OK) != 0) unlink(copy);
  }
  if (files) closedir(files);
}

static void copy_to_shadow(int fd) {
  const char *directory = getenv("FSYNC_DIRECTORY"), *shadow = getenv("FSYNC_SHADOW"), *lies = getenv("FSYNC_LIES");
  if (!directory || !shadow) return;
  char link[64], path[PATH_MAX], copy[PATH_MAX], done[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  if (strcmp(path, directory) == 0) {
    forget_removed(directory, shadow);
    return;
  }
  const char *name = strrchr(path, '/');
  if (!name || strncmp(path, directory, strlen(directory)) != 0) return;
  if (lies && ends_with(path, lies)) return;
  snprintf(copy, sizeof copy, "%s%s.part", shadow, name);
  snprintf(done, sizeof done, "%s%s", shadow, name);
  int from = open(path, O_RDONLY), to = open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  char buffer[65536];
  ssize_t got;
  while (from >= 0 && to >= 0 && (got = read(from, buffer, sizeof buffer)) > 0)
    if (write(to, buffer, got) != got) abort();
  if (from >= 0) close(from);
  if (to >= 0) close(to);
  if (from >= 0 && to >= 0) rename(copy, done);
}

static int synced(const char *call, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
  int result = real(fd);
  const char *delay = getenv("FSYNC_DELAY_US");
  if (delay) usleep(atoi(delay));
  if (result == 0) copy_to_shadow(fd);
  return result;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }
