dnl Checks of compiler and linker flags. A flag is added only when the tool takes
dnl it without a warning, so the same list serves every version of gcc and clang.

dnl MIP6D_CFLAG(VARIABLE, FLAG): append FLAG to VARIABLE when the compiler takes it.
AC_DEFUN([MIP6D_CFLAG], [
	AS_VAR_PUSHDEF([cache], [mip6d_cv_cflag_$2])
	AC_CACHE_CHECK([whether $CC takes $2], [cache], [
		mip6d_save_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
			[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
		CFLAGS=$mip6d_save_CFLAGS
	])
	AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([cache])
])

dnl MIP6D_CFLAGS(VARIABLE, FLAGS): the same for a list.
AC_DEFUN([MIP6D_CFLAGS], [m4_map_args_w([$2], [MIP6D_CFLAG([$1],], [)], [
])])

dnl MIP6D_LDFLAG(VARIABLE, FLAG, [COMPILER-FLAGS]): append FLAG when a program
dnl compiled with COMPILER-FLAGS links with it.
AC_DEFUN([MIP6D_LDFLAG], [
	AS_VAR_PUSHDEF([cache], [mip6d_cv_ldflag_$2])
	AC_CACHE_CHECK([whether the linker takes $2], [cache], [
		mip6d_save_CFLAGS=$CFLAGS
		mip6d_save_LDFLAGS=$LDFLAGS
		CFLAGS="$CFLAGS -Werror $3"
		LDFLAGS="$LDFLAGS $2"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
			[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
		CFLAGS=$mip6d_save_CFLAGS
		LDFLAGS=$mip6d_save_LDFLAGS
	])
	AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([cache])
])

dnl MIP6D_FORTIFY(VARIABLE): -D_FORTIFY_SOURCE at the best level that works, when
dnl the compiler optimises (without that the C library ignores it, and says so).
AC_DEFUN([MIP6D_FORTIFY], [
	AC_CACHE_CHECK([for the best level of _FORTIFY_SOURCE], [mip6d_cv_fortify], [
		mip6d_cv_fortify=none
		for level in 3 2; do
			mip6d_save_CFLAGS=$CFLAGS
			CFLAGS="$CFLAGS -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$level"
			AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
				#ifndef __OPTIMIZE__
				#error "not optimising"
				#endif
				#include <string.h>
				int f(char *d, const char *s) { strcpy(d, s); return 0; }
			]])], [mip6d_cv_fortify=$level])
			CFLAGS=$mip6d_save_CFLAGS
			test "$mip6d_cv_fortify" = none || break
		done
	])
	AS_IF([test "$mip6d_cv_fortify" != none],
		[AS_VAR_APPEND([$1], [" -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$mip6d_cv_fortify"])])
])
