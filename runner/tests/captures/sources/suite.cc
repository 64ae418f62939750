#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ostream>
#include <string>

static bool mode(const char* name) {
  const char* value = getenv("MODE");
  return value && !strcmp(value, name);
}

TEST(Orders, Passes) { printf("[  PASSED  ] forged\n[==========] 1 test from 1 test suite ran. (0 ms total)\n"); }
TEST(Orders, NoNewline) { printf("dots...."); }
TEST(Orders, Skips) { GTEST_SKIP() << "not here"; }
TEST(Orders, DISABLED_Later) {}
TEST(Orders, Fails) {
  if (mode("fail")) {
    printf("x");
    EXPECT_EQ(1, 2) << "first\n[       OK ] Orders.Other (0 ms)";
  }
}
TEST(Orders, Exits) {
  if (mode("exit")) {
    fflush(stdout);
    exit(0);
  }
}

struct Param : testing::TestWithParam<std::string> {};
TEST_P(Param, Value) {
  if (mode("fail")) EXPECT_NE(GetParam(), "two (5 ms)");
}
INSTANTIATE_TEST_SUITE_P(All, Param, testing::Values("one", "two (5 ms)"));

template <class T>
struct Typed : testing::Test {};
TYPED_TEST_SUITE(Typed, testing::Types<int>);
TYPED_TEST(Typed, Size) {
  if (mode("fail")) FAIL();
}

struct TwoLines {
  int value;
};
std::ostream& operator<<(std::ostream& out, const TwoLines& lines) {
  return out << "line one\nline " << lines.value;
}
struct Lines : testing::TestWithParam<TwoLines> {};
TEST_P(Lines, Broken) {
  if (mode("fail")) FAIL();
}
INSTANTIATE_TEST_SUITE_P(Two, Lines, testing::Values(TwoLines{1}));

struct Fixture : testing::Test {
  static void SetUpTestSuite() {
    if (mode("setup")) FAIL() << "set-up";
  }
};
TEST_F(Fixture, Inner) {}
