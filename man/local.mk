dist_man_MANS += \
	man/mip6ctl.8 \
	man/mip6d.8 \
	man/mip6d.conf.5
